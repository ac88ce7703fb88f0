;; Gives its outcome, and computes for ever when the host lets it clean up.
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: it used its 10 s of computing
;; seconds: 14
(component
  (@include "types") (@include "kit")
  (core module $module
    (import "kit" "done" (func $done (result i32)))
    (func (export "run") (result i32) (call $done))
    (func (export "cleanup") (param i32) (loop $again (br $again))))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (func $run (result (result $outcome (error $failure)))
    (canon lift (core func $guest "run") (memory $memory) (post-return (core func $guest "cleanup"))))
  (instance $plugin (export "run" (func $run)))
  (export "conductor:plugin/plugin@0.1.0" (instance $plugin)))
