  ;; `interface files`, and a function that says what came of reading one path.
  (import "conductor:plugin/files@0.1.0" (instance $files
    (type $error' (record (field "code" string) (field "message" string) (field "grant" (option string))))
    (export "error" (type $error (eq $error')))
    (type $entry' (record (field "path" string) (field "content" (result (list u8) (error $error)))))
    (export "entry" (type $entry (eq $entry')))
    (export "snapshot" (func (param "grant" string) (param "patterns" (list string)) (param "max-bytes" u64)
      (result (result (list $entry) (error $error)))))
    (export "read" (func (param "grant" string) (param "path" string) (result (result (list u8) (error $error)))))))
  (core func $snapshot (canon lower (func $files "snapshot") (memory $memory) (realloc $realloc)))
  (core func $read (canon lower (func $files "read") (memory $memory) (realloc $realloc)))
  (core instance $files-core (export "snapshot" (func $snapshot)) (export "read" (func $read)))
  (core module $tell-module
    (import "kit" "memory" (memory 1))
    (import "kit" "say" (func $say (param i32 i32)))
    (import "kit" "say-number" (func $say-number (param i64)))
    (import "files" "read" (func $read (param i32 i32 i32 i32 i32)))
    (import "files" "snapshot" (func $snapshot (param i32 i32 i32 i32 i64 i32)))
    (data (i32.const 1040) ": \n bytes")
    ;; Says `PATH: CODE` or `PATH: N bytes`.
    (func $tell (export "read") (param $grant i32) (param $grant-size i32) (param $path i32) (param $path-size i32)
      (call $read (local.get $grant) (local.get $grant-size) (local.get $path) (local.get $path-size) (i32.const 256))
      (call $say (local.get $path) (local.get $path-size))
      (call $content (i32.const 256)))
    ;; The same for each of a text's lines; the last one has to end too.
    (func (export "read-each") (param $grant i32) (param $grant-size i32) (param $paths i32) (param $size i32)
      (local $at i32)
      (loop $next
        (if (i32.eq (i32.load8_u (i32.add (local.get $paths) (local.get $at))) (i32.const 10))
          (then
            (call $tell (local.get $grant) (local.get $grant-size) (local.get $paths) (local.get $at))
            (local.set $paths (i32.add (i32.add (local.get $paths) (local.get $at)) (i32.const 1)))
            (local.set $size (i32.sub (i32.sub (local.get $size) (local.get $at)) (i32.const 1)))
            (local.set $at (i32.const 0)))
          (else (local.set $at (i32.add (local.get $at) (i32.const 1)))))
        (br_if $next (i32.gt_s (local.get $size) (local.get $at)))))
    ;; Says what a content is.
    (func $content (param $at i32)
      (call $say (i32.const 1040) (i32.const 2))
      (if (i32.load8_u (local.get $at))
        (then (call $say (i32.load offset=4 (local.get $at)) (i32.load offset=8 (local.get $at))))
        (else
          (call $say-number (i64.load32_u offset=8 (local.get $at)))
          (call $say (i32.const 1043) (i32.const 6))))
      (call $say (i32.const 1042) (i32.const 1)))
    ;; Says the same of each entry of a snapshot.
    (func (export "snapshot") (param $grant i32) (param $grant-size i32) (param $patterns i32) (param $count i32)
      (param $most i64)
      (local $at i32) (local $left i32)
      (call $snapshot (local.get $grant) (local.get $grant-size) (local.get $patterns) (local.get $count)
        (local.get $most) (i32.const 256))
      (if (i32.load8_u (i32.const 256)) (then (call $content (i32.const 256)) (return)))
      (local.set $at (i32.load (i32.const 260)))
      (local.set $left (i32.load (i32.const 264)))
      (block $end
        (loop $next
          (br_if $end (i32.eqz (local.get $left)))
          (call $say (i32.load (local.get $at)) (i32.load offset=4 (local.get $at)))
          (call $content (i32.add (local.get $at) (i32.const 8)))
          (local.set $at (i32.add (local.get $at) (i32.const 40)))
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br $next)))))
  (core instance $tell (instantiate $tell-module (with "kit" (instance $kit)) (with "files" (instance $files-core))))
