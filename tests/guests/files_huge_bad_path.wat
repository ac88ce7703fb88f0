;; Reads a path of 20 MB that is not right either.
;; grant: conductor
;; exit: 1
;; stderr: plugin `hostile` 1.0: the path `/xxx
;; never: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
;; audit: "code":"invalid-path"
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
      (drop (memory.grow (i32.const 700)))
      (memory.fill (i32.const 1048576) (i32.const 120) (i32.const 45000000))
      (i32.store8 (i32.const 1048576) (i32.const 47))
      (call $read (i32.const 4096) (i32.const 9) (i32.const 1048576) (i32.const 20000000) (i32.const 256))
      (call $pass-on)))
  (core instance $guest (instantiate $module
    (with "kit" (instance $kit)) (with "tell" (instance $tell)) (with "files" (instance $files-core))))
  (@include "run"))
