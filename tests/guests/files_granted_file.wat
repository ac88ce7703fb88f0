;; A granted single file is read by the empty path, and nothing else is.
;; grant: single
;; exit: 0
;; stdout: : 9 bytes
;; stdout: ../tracks.md: invalid-path
;; stdout: tracks.md: invalid-path
(component
  (@include "types") (@include "kit") (@include "files")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "done" (func $done (result i32)))
    (import "tell" "read-each" (func $read-each (param i32 i32 i32 i32)))
    (data (i32.const 4096) "single")
    (data (i32.const 8192)
      "\n"
      "../tracks.md\n"
      "tracks.md\n")
    (func (export "run") (result i32)
      (call $read-each (i32.const 4096) (i32.const 6) (i32.const 8192) (i32.const 24))
      (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "tell" (instance $tell))))
  (@include "run"))
