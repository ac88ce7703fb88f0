;; Needs an older interface.
;; manifest: {"api": "0.0.9"}
;; exit: 1
;; stderr: hostile.wasm` needs the interface 0.0.9, this `conductor` offers 0.1.0
;; stderr: hint: its author has to build it for the present interface
(component
  (@include "types") (@include "kit")
  (core module $module
    (import "kit" "done" (func $done (result i32)))
    (func (export "run") (result i32) (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
