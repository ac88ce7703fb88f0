  ;; The writing half of `interface files`, and a function that tries all of it on one path.
  (import "conductor:plugin/files@0.1.0" (instance $files
    (type $error' (record (field "code" string) (field "message" string) (field "grant" (option string))))
    (export "error" (type $error (eq $error')))
    (export "replace" (func (param "grant" string) (param "path" string) (param "expected" string) (param "bytes" (list u8))
      (result (result (error $error)))))
    (export "create" (func (param "grant" string) (param "path" string) (param "bytes" (list u8))
      (result (result (error $error)))))
    (export "remove" (func (param "grant" string) (param "path" string) (param "expected" string)
      (result (result (error $error)))))))
  (core func $replace (canon lower (func $files "replace") (memory $memory) (realloc $realloc)))
  (core func $create (canon lower (func $files "create") (memory $memory) (realloc $realloc)))
  (core func $remove (canon lower (func $files "remove") (memory $memory) (realloc $realloc)))
  (core instance $files-core
    (export "replace" (func $replace)) (export "create" (func $create)) (export "remove" (func $remove)))
  (core module $change-module
    (import "kit" "memory" (memory 1))
    (import "kit" "say" (func $say (param i32 i32)))
    (import "files" "replace" (func $replace (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "files" "create" (func $create (param i32 i32 i32 i32 i32 i32 i32)))
    (import "files" "remove" (func $remove (param i32 i32 i32 i32 i32 i32 i32)))
    ;; The digest of the secret, so that nothing but the path keeps a change from being made.
    (data (i32.const 1040) "c93ae7c13fdca54639dff4fba0528c2fd7a77569f1ada203c75ef2ec2615a25c")
    (data (i32.const 1110) "written:\n ")
    ;; Says the code that a call has left, or `written`.
    (func $came
      (call $say (i32.const 1119) (i32.const 1))
      (if (i32.load8_u (i32.const 256))
        (then (call $say (i32.load (i32.const 260)) (i32.load (i32.const 264))))
        (else (call $say (i32.const 1110) (i32.const 7)))))
    ;; Says `PATH: CODE CODE CODE` of creating, replacing and removing.
    (func $change (param $grant i32) (param $grant-size i32) (param $path i32) (param $path-size i32)
      (call $say (local.get $path) (local.get $path-size))
      (call $say (i32.const 1117) (i32.const 1))
      (call $create (local.get $grant) (local.get $grant-size) (local.get $path) (local.get $path-size)
        (i32.const 1110) (i32.const 7) (i32.const 256))
      (call $came)
      (call $replace (local.get $grant) (local.get $grant-size) (local.get $path) (local.get $path-size)
        (i32.const 1040) (i32.const 64) (i32.const 1110) (i32.const 7) (i32.const 256))
      (call $came)
      (call $remove (local.get $grant) (local.get $grant-size) (local.get $path) (local.get $path-size)
        (i32.const 1040) (i32.const 64) (i32.const 256))
      (call $came)
      (call $say (i32.const 1118) (i32.const 1)))
    ;; The same with each of a text's lines; the last one has to end too.
    (func (export "change-each") (param $grant i32) (param $grant-size i32) (param $paths i32) (param $size i32)
      (local $at i32)
      (loop $next
        (if (i32.eq (i32.load8_u (i32.add (local.get $paths) (local.get $at))) (i32.const 10))
          (then
            (call $change (local.get $grant) (local.get $grant-size) (local.get $paths) (local.get $at))
            (local.set $paths (i32.add (i32.add (local.get $paths) (local.get $at)) (i32.const 1)))
            (local.set $size (i32.sub (i32.sub (local.get $size) (local.get $at)) (i32.const 1)))
            (local.set $at (i32.const 0)))
          (else (local.set $at (i32.add (local.get $at) (i32.const 1)))))
        (br_if $next (i32.gt_s (local.get $size) (local.get $at))))))
  (core instance $change (instantiate $change-module (with "kit" (instance $kit)) (with "files" (instance $files-core))))
