;; Logs 40 MB: the first 64 KiB are kept, the rest is counted.
;; exit: 0
;; stdout: still here
;; stderr: … and 40894464 bytes more
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
  (import "wasi:cli/stderr@0.2.6" (instance $stderr
    (export "output-stream" (type $output-stream' (eq $output-stream)))
    (export "get-stderr" (func (result (own $output-stream'))))))
  (core func $get-stderr (canon lower (func $stderr "get-stderr") (memory $memory) (realloc $realloc)))
  (core func $write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush") (memory $memory) (realloc $realloc)))
  (core instance $wasi (export "get-stderr" (func $get-stderr)) (export "write" (func $write)))
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "say" (func $say (param i32 i32)))
    (import "kit" "say-number" (func $say-number (param i64)))
    (import "kit" "done" (func $done (result i32)))
    (import "kit" "failed" (func $failed (param i32 i32 i32 i32) (result i32)))
    (import "wasi" "get-stderr" (func $get-stderr (result i32)))
    (import "wasi" "write" (func $write (param i32 i32 i32 i32)))
    (data (i32.const 4096) "still here\n")
    (func (export "run") (result i32)
      (local $stderr i32) (local $left i32)
      (local.set $stderr (call $get-stderr))
      (local.set $left (i32.const 10000))
      (memory.fill (i32.const 8192) (i32.const 120) (i32.const 4096))
      (loop $again
        (call $write (local.get $stderr) (i32.const 8192) (i32.const 4096) (i32.const 256))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $again (local.get $left)))
      (call $say (i32.const 4096) (i32.const 11))
      (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "wasi" (instance $wasi))))
  (@include "run"))
