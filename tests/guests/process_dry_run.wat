;; Starts a command that writes in a dry run: only those that read are started.
;; manifest: {"programs": {"show": {"reason": "a test"}}, "commands": {"reads": {"argv": ["show", "it reads"], "cwd": "project", "effect": "read", "reason": "a test"}, "writes": {"argv": ["show", "it writes"], "cwd": "project", "effect": "write", "reason": "a test"}}}
;; grant: reads
;; grant: writes
;; args: --dry-run
;; exit: 0
;; stdout: dry-run
;; stdout: exit 0: [it reads]
;; never: it writes
(component
  (@include "types") (@include "kit") (@include "process")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "say" (func $say (param i32 i32)))
    (import "kit" "say-number" (func $say-number (param i64)))
    (import "kit" "done" (func $done (result i32)))
    (import "kit" "failed" (func $failed (param i32 i32 i32 i32) (result i32)))
    (import "process" "start" (func $start-raw (param i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "process" "wait" (func $wait (param i32 i32)))
    (import "process" "kill" (func $kill (param i32)))
    (import "process" "drop-running" (func $drop-running (param i32)))
    (import "run" "start" (func $start (param i32 i32) (result i32)))
    (import "run" "start-with" (func $start-with (param i32 i32 i32 i32 i32 i32) (result i32)))
    (import "run" "end" (func $end (param i32 i32)))
    (import "run" "run" (func $run (param i32 i32)))
    (import "run" "run-each" (func $run-each (param i32 i32 i32 i32)))
    (data (i32.const 4096) "writes")
    (data (i32.const 4102) "reads")
    (func (export "run") (result i32)
      (call $run (i32.const 4096) (i32.const 6))
      (call $run (i32.const 4102) (i32.const 5))
      (call $done)))
  (core instance $guest (instantiate $module
    (with "kit" (instance $kit)) (with "process" (instance $process-core)) (with "run" (instance $run-core))))
  (@include "run"))
