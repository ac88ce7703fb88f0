;; Text that would clear the screen, set the title, turn the writing round, and hide.
;; exit: 0
;; stdout: a[2Jb]0;titlecedfg
(component
  (@include "types") (@include "kit")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "outcome" (func $outcome (param i32 i32) (result i32)))
    (data (i32.const 4096) "a\1b[2Jb\1b]0;title\07c\e2\80\aee\e2\80\8bd\0df\e2\81\a6g\n")
    (data (i32.const 8192) "")
    (func (export "run") (result i32)
      (i32.store (i32.const 600) (i32.const 1024))
      (i32.store (i32.const 604) (i32.const 5))
      (i32.store (i32.const 608) (i32.const 4096))
      (i32.store (i32.const 612) (i32.const 32))
      (drop (call $outcome (i32.const 600) (i32.const 1)))
      (i32.store offset=12 (i32.const 0) (i32.const 8192))
      (i32.store offset=16 (i32.const 0) (i32.const 0))
      (i32.const 0)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
