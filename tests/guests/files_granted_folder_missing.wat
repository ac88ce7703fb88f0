;; The granted folder is not there.
;; grant: missing
;; exit: 0
;; stdout: x: not-found
(component
  (@include "types") (@include "kit") (@include "files")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "done" (func $done (result i32)))
    (import "tell" "read-each" (func $read-each (param i32 i32 i32 i32)))
    (data (i32.const 4096) "missing")
    (data (i32.const 8192)
      "x\n")
    (func (export "run") (result i32)
      (call $read-each (i32.const 4096) (i32.const 7) (i32.const 8192) (i32.const 2))
      (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "tell" (instance $tell))))
  (@include "run"))
