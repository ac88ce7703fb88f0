;; Reads from the terminal: there is nothing.
;; exit: 0
;; stdout: closed
(component
  (@include "types") (@include "kit")
  (import "wasi:io/error@0.2.6" (instance $io-error (export "error" (type (sub resource)))))
  (alias export $io-error "error" (type $error))
  (import "wasi:io/streams@0.2.6" (instance $streams
    (export "error" (type $error' (eq $error)))
    (type $stream-error' (variant (case "last-operation-failed" (own $error')) (case "closed")))
    (export "stream-error" (type $stream-error (eq $stream-error')))
    (export "output-stream" (type $output-stream (sub resource)))
    (export "input-stream" (type $input-stream (sub resource)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $output-stream)) (param "contents" (list u8)) (result (result (error $stream-error)))))
    (export "[method]input-stream.blocking-read"
      (func (param "self" (borrow $input-stream)) (param "len" u64) (result (result (list u8) (error $stream-error)))))))
  (alias export $streams "output-stream" (type $output-stream))
  (alias export $streams "input-stream" (type $input-stream))
  (import "wasi:cli/stdin@0.2.6" (instance $stdin
    (export "input-stream" (type $input-stream' (eq $input-stream)))
    (export "get-stdin" (func (result (own $input-stream'))))))
  (core func $get-stdin (canon lower (func $stdin "get-stdin") (memory $memory) (realloc $realloc)))
  (core func $read (canon lower (func $streams "[method]input-stream.blocking-read") (memory $memory) (realloc $realloc)))
  (core instance $wasi (export "get-stdin" (func $get-stdin)) (export "read" (func $read)))
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "say" (func $say (param i32 i32)))
    (import "kit" "say-number" (func $say-number (param i64)))
    (import "kit" "done" (func $done (result i32)))
    (import "kit" "failed" (func $failed (param i32 i32 i32 i32) (result i32)))
    (import "wasi" "get-stdin" (func $get-stdin (result i32)))
    (import "wasi" "read" (func $read (param i32 i64 i32)))
    (data (i32.const 4096) "closed\nopen\n")
    (func (export "run") (result i32)
      (call $read (call $get-stdin) (i64.const 1) (i32.const 256))
      (if (i32.and (i32.load8_u (i32.const 256)) (i32.load8_u (i32.const 260)))
        (then (call $say (i32.const 4096) (i32.const 7)))
        (else (call $say (i32.const 4103) (i32.const 5))))
      (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "wasi" (instance $wasi))))
  (@include "run"))
