;; The granted folder itself is a link out of the project.
;; grant: linked
;; exit: 0
;; stdout: secret.md: outside
;; stdout: : outside
;; audit: "code":"outside","count":
(component
  (@include "types") (@include "kit") (@include "files")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "done" (func $done (result i32)))
    (import "tell" "read-each" (func $read-each (param i32 i32 i32 i32)))
    (data (i32.const 4096) "linked")
    (data (i32.const 8192)
      "secret.md\n"
      "\n")
    (func (export "run") (result i32)
      (call $read-each (i32.const 4096) (i32.const 6) (i32.const 8192) (i32.const 11))
      (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "tell" (instance $tell))))
  (@include "run"))
