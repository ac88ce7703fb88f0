;; Reads it again and again, and frees nothing.
;; grant: conductor
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: it wanted more than its 256 MiB of memory
(component
  (@include "types") (@include "kit") (@include "files")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "done" (func $done (result i32)))
    (import "tell" "read-each" (func $read-each (param i32 i32 i32 i32)))
    (data (i32.const 4096) "conductor")
    (data (i32.const 8192)
      "large.bin\n"
      "large.bin\n"
      "large.bin\n"
      "large.bin\n"
      "large.bin\n"
      "large.bin\n")
    (func (export "run") (result i32)
      (call $read-each (i32.const 4096) (i32.const 9) (i32.const 8192) (i32.const 60))
      (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "tell" (instance $tell))))
  (@include "run"))
