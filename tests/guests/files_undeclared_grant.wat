;; Uses a grant that its manifest does not declare, and one whose name is a trick.
;; grant: conductor
;; exit: 0
;; stdout: tracks.md: undeclared
(component
  (@include "types") (@include "kit") (@include "files")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "done" (func $done (result i32)))
    (import "tell" "read-each" (func $read-each (param i32 i32 i32 i32)))
    (data (i32.const 4096) "secrets")
    (data (i32.const 8192)
      "tracks.md\n")
    (func (export "run") (result i32)
      (call $read-each (i32.const 4096) (i32.const 7) (i32.const 8192) (i32.const 10))
      (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "tell" (instance $tell))))
  (@include "run"))
