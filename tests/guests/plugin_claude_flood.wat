;; A megabyte of Markdown for Claude is cut.
;; args: --format claude
;; exit: 0
;; stdout: … cut here
(component
  (@include "types") (@include "kit")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "outcome" (func $outcome (param i32 i32) (result i32)))
    (func (export "run") (result i32)
      (drop (memory.grow (i32.const 100)))
      (memory.fill (i32.const 1048576) (i32.const 120) (i32.const 1000000))
      (i32.store (i32.const 4104) (i32.const 1048576))
      (i32.store (i32.const 4108) (i32.const 1000000))
      (call $outcome (i32.const 4096) (i32.const 1))))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
