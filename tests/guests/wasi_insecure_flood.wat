;; Asks for a terabyte of insecure bytes in one call.
;; exit: 5
;; stderr: plugin `hostile` 1.0
(component
  (@include "types") (@include "kit")
  (import "wasi:random/insecure@0.2.6" (instance $random
    (export "get-insecure-random-bytes" (func (param "len" u64) (result (list u8))))))
  (core func $bytes (canon lower (func $random "get-insecure-random-bytes") (memory $memory) (realloc $realloc)))
  (core instance $wasi (export "bytes" (func $bytes)))
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "say" (func $say (param i32 i32)))
    (import "kit" "say-number" (func $say-number (param i64)))
    (import "kit" "done" (func $done (result i32)))
    (import "kit" "failed" (func $failed (param i32 i32 i32 i32) (result i32)))
    (import "wasi" "bytes" (func $bytes (param i64 i32)))
    (func (export "run") (result i32) (call $bytes (i64.const 0x100_0000_0000) (i32.const 256)) unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "wasi" (instance $wasi))))
  (@include "run"))
