;; Reads what it declares but was not granted, and hands the refusal on.
;; exit: 4
;; stderr: error: plugin `hostile` may not read `conductor` of the project
;; stderr: `conductor plugin run --grant conductor …` does
;; audit: "code":"denied","count":1,
;; audit: "exit":4,
(component
  (@include "types") (@include "kit") (@include "files")
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "say" (func $say (param i32 i32)))
    (import "kit" "say-number" (func $say-number (param i64)))
    (import "kit" "done" (func $done (result i32)))
    (import "kit" "failed" (func $failed (param i32 i32 i32 i32) (result i32)))
    (import "tell" "read" (func $tell-read (param i32 i32 i32 i32)))
    (import "tell" "snapshot" (func $tell-snapshot (param i32 i32 i32 i32 i64)))
    (import "files" "read" (func $read (param i32 i32 i32 i32 i32)))
    (import "files" "snapshot" (func $snapshot (param i32 i32 i32 i32 i64 i32)))
    ;; Fails with the error that the last call of the host gave.
    (func $pass-on (result i32)
      (call $failed (i32.load (i32.const 260)) (i32.load (i32.const 264)) (i32.load (i32.const 268)) (i32.load (i32.const 272))))
    (data (i32.const 4096) "conductortracks.md")
    (func (export "run") (result i32)
      (call $read (i32.const 4096) (i32.const 9) (i32.const 4105) (i32.const 9) (i32.const 256))
      (call $pass-on)))
  (core instance $guest (instantiate $module
    (with "kit" (instance $kit)) (with "tell" (instance $tell)) (with "files" (instance $files-core))))
  (@include "run"))
