;; Asks for a power by a key that does not exist.
;; manifest: {"file": []}
;; exit: 2
;; stderr: the manifest of
;; stderr: hostile.wasm` is not right: unknown field `file`
;; stderr: hint: did you mean `files`?
(component
  (@include "types") (@include "kit")
  (core module $module
    (import "kit" "done" (func $done (result i32)))
    (func (export "run") (result i32) (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
