;; Is refused 200,000 times under as many names: the host keeps a few.
;; exit: 1
;; stderr: refused before that: plugin `hostile` may not use the grant `aaaaaaaa`
;; never: aaajaaaa
;; audit: "code":"undeclared"
;; audit: "code":"others","count":1
;; audit: "exit":1,
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
    (data (i32.const 4096) "aaaaaaaaio")
    (func (export "run") (result i32)
      (local $left i32)
      (local.set $left (i32.const 200000))
      (loop $again
        (i64.store (i32.const 8192) (i64.add (i64.const 0x6161616161616161)
          (i64.and (i64.mul (i64.extend_i32_u (i32.sub (i32.const 200000) (local.get $left))) (i64.const 0x01000001))
            (i64.const 0x0f0f0f0f0f0f0f0f))))
        (call $read (i32.const 8192) (i32.const 8) (i32.const 4096) (i32.const 1) (i32.const 256))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $again (local.get $left)))
      (call $failed (i32.const 4104) (i32.const 2) (i32.const 4104) (i32.const 2))))
  (core instance $guest (instantiate $module
    (with "kit" (instance $kit)) (with "tell" (instance $tell)) (with "files" (instance $files-core))))
  (@include "run"))
