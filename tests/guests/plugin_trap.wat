;; Ends by a trap: the message names the function.
;; exit: 5
;; stderr: plugin `hostile` 1.0 ended by a fault of its own: wasm trap: wasm `unreachable` instruction executed
;; stderr: in summarise < run
;; stderr: hint: tell its author (sha256
(component
  (@include "types") (@include "kit")
  (core module $module
    (func $summarise unreachable)
    (func $run (export "run") (result i32) (call $summarise) (i32.const 0)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
