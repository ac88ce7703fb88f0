;; Spends its time inside calls of the host, which do not count as computing: the run ends it.
;; manifest: {"limits": {"run_ms": 500, "reason": "a test"}}
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: the run took longer than its 0.5 s
(component
  (@include "types") (@include "kit") (@include "files")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "files" "read" (func $read (param i32 i32 i32 i32 i32)))
    (data (i32.const 4096) "conductortracks.md")
    (func (export "run") (result i32)
      (loop $again
        (call $read (i32.const 4096) (i32.const 9) (i32.const 4105) (i32.const 9) (i32.const 256))
        (br $again))
      unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "files" (instance $files-core))))
  (@include "run"))
