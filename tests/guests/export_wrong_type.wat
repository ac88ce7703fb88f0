;; Exports a `run` of another type.
;; exit: 1
;; stderr: plugin `hostile` 1.0 can't be started
(component
  (@include "types") (@include "kit")
  (core module $module (func (export "run") (result i32) (i32.const 0)))
  (core instance $guest (instantiate $module))
  (func $run (result u32) (canon lift (core func $guest "run")))
  (instance $plugin (export "run" (func $run)))
  (export "conductor:plugin/plugin@0.1.0" (instance $plugin)))
