;; The granted path is a FIFO: nobody waits for its writer.
;; grant: pipe
;; exit: 0
;; stdout: : not-a-file
;; stdout: x: invalid-path
(component
  (@include "types") (@include "kit") (@include "files")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "done" (func $done (result i32)))
    (import "tell" "read-each" (func $read-each (param i32 i32 i32 i32)))
    (data (i32.const 4096) "pipe")
    (data (i32.const 8192)
      "\n"
      "x\n")
    (func (export "run") (result i32)
      (call $read-each (i32.const 4096) (i32.const 4) (i32.const 8192) (i32.const 3))
      (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "tell" (instance $tell))))
  (@include "run"))
