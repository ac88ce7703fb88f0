;; Looks for programs by a search path that leads into the project, and so does its child: neither finds any there.
;; manifest: {"programs": {"brought": {"reason": "a test"}, "look": {"reason": "a test"}}, "commands": {"brought": {"argv": ["brought", "now"], "cwd": "project", "effect": "read", "reason": "a test"}, "look": {"argv": ["look", "now"], "cwd": "project", "effect": "read", "reason": "a test"}}}
;; grant: brought
;; grant: look
;; exit: 0
;; stdout: no-program
;; stdout: exit 0: found show: [by its own look-up]
;; never: /project/bin
;; never: the project brought it
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
    (data (i32.const 4096) "brought")
    (data (i32.const 4103) "look")
    (func (export "run") (result i32)
      (call $run (i32.const 4096) (i32.const 7))
      (call $run (i32.const 4103) (i32.const 4))
      (call $done)))
  (core instance $guest (instantiate $module
    (with "kit" (instance $kit)) (with "process" (instance $process-core)) (with "run" (instance $run-core))))
  (@include "run"))
