;; Looks for folders that were opened for it.
;; exit: 0
;; stdout: folders 0
(component
  (@include "types") (@include "kit")
  (import "wasi:filesystem/types@0.2.6" (instance $types (export "descriptor" (type (sub resource)))))
  (alias export $types "descriptor" (type $descriptor))
  (import "wasi:filesystem/preopens@0.2.6" (instance $preopens
    (export "descriptor" (type $descriptor' (eq $descriptor)))
    (export "get-directories" (func (result (list (tuple (own $descriptor') string)))))))
  (core func $folders (canon lower (func $preopens "get-directories") (memory $memory) (realloc $realloc)))
  (core instance $wasi (export "folders" (func $folders)))
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "say" (func $say (param i32 i32)))
    (import "kit" "say-number" (func $say-number (param i64)))
    (import "kit" "done" (func $done (result i32)))
    (import "kit" "failed" (func $failed (param i32 i32 i32 i32) (result i32)))
    (import "wasi" "folders" (func $folders (param i32)))
    (data (i32.const 4096) "folders \n")
    (func (export "run") (result i32)
      (call $folders (i32.const 256))
      (call $say (i32.const 4096) (i32.const 8))
      (call $say-number (i64.load32_u (i32.const 260)))
      (call $say (i32.const 4104) (i32.const 1))
      (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "wasi" (instance $wasi))))
  (@include "run"))
