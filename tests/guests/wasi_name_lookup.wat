;; Looks a name up, which alone would carry data out: 20 is permanent-resolver-failure.
;; exit: 0
;; stdout: lookup 1 20
(component
  (@include "types") (@include "kit") (@include "network")
  (import "wasi:sockets/ip-name-lookup@0.2.6" (instance $lookup
    (export "network" (type $network' (eq $network-handle)))
    (export "error-code" (type $error-code' (eq $error-code)))
    (export "resolve-address-stream" (type $stream (sub resource)))
    (export "resolve-addresses" (func (param "network" (borrow $network')) (param "name" string)
      (result (result (own $stream) (error $error-code')))))))
  (core func $network (canon lower (func $instance-network "instance-network") (memory $memory) (realloc $realloc)))
  (core func $resolve (canon lower (func $lookup "resolve-addresses") (memory $memory) (realloc $realloc)))
  (core instance $wasi (export "network" (func $network)) (export "resolve" (func $resolve)))
  (core module $module
    (import "kit" "memory" (memory 1))
    (import "kit" "say" (func $say (param i32 i32)))
    (import "kit" "say-number" (func $say-number (param i64)))
    (import "kit" "done" (func $done (result i32)))
    (import "kit" "failed" (func $failed (param i32 i32 i32 i32) (result i32)))
    (import "wasi" "network" (func $network (result i32)))
    (import "wasi" "resolve" (func $resolve (param i32 i32 i32 i32)))
    (data (i32.const 4096) "lookup \nsecret.example.org")
    (func (export "run") (result i32)
      (call $resolve (call $network) (i32.const 4104) (i32.const 18) (i32.const 256))
      (call $say (i32.const 4096) (i32.const 7))
      (call $say-number (i64.load8_u (i32.const 256)))
      (call $say (i32.const 4102) (i32.const 1))
      (call $say-number (i64.load8_u (i32.const 260)))
      (call $say (i32.const 4103) (i32.const 1))
      (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit)) (with "wasi" (instance $wasi))))
  (@include "run"))
