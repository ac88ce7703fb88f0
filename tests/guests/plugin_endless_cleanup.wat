;; Gives its outcome, and computes for ever when the host lets it clean up.
;; manifest: {"limits": {"run_ms": 1000, "reason": "a test"}}
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: the run took longer than its 1 s
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
