;; Starts a command that writes ten gigabytes: it comes to its end, which shows that all of it was taken; what is kept is bounded.
;; manifest: {"programs": {"torrent": {"reason": "a test"}}, "commands": {"torrent": {"argv": ["torrent"], "cwd": "project", "effect": "read", "reason": "a test", "timeout_ms": 55000, "max_output_bytes": 100000}}}
;; grant: torrent
;; exit: 0
;; stdout: exit 0 truncated: 100000 bytes
;; mib: 63
;; seconds: 100
(component
  (@include "types") (@include "kit") (@include "process")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "done" (func $done (result i32)))
    (import "run" "start" (func $start (param i32 i32) (result i32)))
    (import "run" "end" (func $end (param i32 i32)))
    (data (i32.const 4096) "torrent")
    (func (export "run") (result i32)
      (call $end (call $start (i32.const 4096) (i32.const 7)) (i32.const 1))
      (call $done)))
  (core instance $guest (instantiate $module
    (with "kit" (instance $kit)) (with "process" (instance $process-core)) (with "run" (instance $run-core))))
  (@include "run"))
