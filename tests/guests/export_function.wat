;; Exports a function in the place of the interface.
;; exit: 1
;; stderr: plugin `hostile` 1.0 can't be started
(component
  (@include "types") (@include "kit")
  (core module $module (func (export "run") (result i32) (i32.const 0)))
  (core instance $guest (instantiate $module))
  (func $run (result u32) (canon lift (core func $guest "run")))
  (export "conductor:plugin/plugin@0.1.0" (func $run)))
