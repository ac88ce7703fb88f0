;; Needs a newer interface, and says so beside a key that this host does not know.
;; manifest: {"api": "0.2.0", "programs": {}}
;; exit: 1
;; stderr: hostile.wasm` needs the interface 0.2.0, this `conductor` offers 0.1.0
;; stderr: hint: a newer `conductor` runs it: update yours
(component
  (@include "types") (@include "kit")
  (core module $module
    (import "kit" "done" (func $done (result i32)))
    (func (export "run") (result i32) (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
