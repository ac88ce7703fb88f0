;; Ends by a trap before it can be called.
;; exit: 5
;; stderr: plugin `hostile` 1.0 ended by a fault of its own: wasm trap: wasm `unreachable` instruction executed
(component
  (@include "types") (@include "kit")
  (core module $module
    (func $start unreachable)
    (start $start)
    (func (export "run") (result i32) unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
