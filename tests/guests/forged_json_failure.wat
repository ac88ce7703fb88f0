;; The same failure for a program.
;; args: --json
;; exit: 1
;; stdout: "code":"denied\u001b","message":"plugin `hostile` 1.0: a\u202eb"
(component
  (@include "types") (@include "kit")
  (core module $module
    (import "kit" "memory" (memory 1))
    (data (i32.const 4096) "denied\1b")
    (data (i32.const 4103) "a\e2\80\aeb")
    (func (export "run") (result i32)
      (i32.store8 (i32.const 0) (i32.const 1))
      (i32.store offset=4 (i32.const 0) (i32.const 4096))
      (i32.store offset=8 (i32.const 0) (i32.const 7))
      (i32.store offset=12 (i32.const 0) (i32.const 4103))
      (i32.store offset=16 (i32.const 0) (i32.const 5))
      (i32.store offset=40 (i32.const 0) (i32.const 4108))
      (i32.store offset=44 (i32.const 0) (i32.const 0))
      (i32.const 0)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
