;; Is refused, and claims something else: the person sees both.
;; exit: 1
;; stderr: error: plugin `hostile` 1.0: the disk is full
;; stderr: refused before that: plugin `hostile` may not read `conductor` of the project
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
    (data (i32.const 4096) "conductortracks.mdiothe disk is full")
    (func (export "run") (result i32)
      (call $read (i32.const 4096) (i32.const 9) (i32.const 4105) (i32.const 9) (i32.const 256))
      (call $failed (i32.const 4114) (i32.const 2) (i32.const 4116) (i32.const 16))))
  (core instance $guest (instantiate $module
    (with "kit" (instance $kit)) (with "tell" (instance $tell)) (with "files" (instance $files-core))))
  (@include "run"))
