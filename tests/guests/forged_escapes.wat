;; Escape sequences in each part of a failure.
;; exit: 1
;; stderr: error: plugin `hostile` 1.0: a[2J
;; stderr: hint: b[2J
;; stderr: c[2J
(component
  (@include "types") (@include "kit")
  (core module $module
    (import "kit" "memory" (memory 1))
    (data (i32.const 4096) "x\1b[2J")
    (data (i32.const 4101) "a\1b[2J")
    (data (i32.const 4106) "b\1b[2J")
    (data (i32.const 4111) "c\1b[2J\e2\80\ae")
    (func (export "run") (result i32)
      (i32.store8 (i32.const 0) (i32.const 1))
      (i32.store offset=4 (i32.const 0) (i32.const 4096))
      (i32.store offset=8 (i32.const 0) (i32.const 5))
      (i32.store offset=12 (i32.const 0) (i32.const 4101))
      (i32.store offset=16 (i32.const 0) (i32.const 5))
      (i32.store offset=20 (i32.const 0) (i32.const 1))
      (i32.store offset=24 (i32.const 0) (i32.const 4106))
      (i32.store offset=28 (i32.const 0) (i32.const 5))
      (i32.store offset=40 (i32.const 0) (i32.const 4111))
      (i32.store offset=44 (i32.const 0) (i32.const 8))
      (i32.const 0)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
