;; Returns text that is not UTF-8.
;; exit: 5
;; stderr: plugin `hostile` 1.0
(component
  (@include "types") (@include "kit")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "outcome" (func $outcome (param i32 i32) (result i32)))
    (data (i32.const 4096) "\00\20\00\00\01\00\00\00\01\20\00\00\02\00\00\00")
    (data (i32.const 8192) "x\ff\fe")
    (func (export "run") (result i32) (call $outcome (i32.const 4096) (i32.const 1))))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
