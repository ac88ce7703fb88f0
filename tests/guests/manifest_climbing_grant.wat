;; Declares a folder above the project.
;; manifest: {"files": [{"grant": "all", "place": "project", "path": "../outside", "access": "read", "reason": "a test"}]}
;; grant: all
;; exit: 2
;; stderr: hostile.wasm` is not right: the path `../outside` has to be relative
(component
  (@include "types") (@include "kit")
  (core module $module
    (import "kit" "done" (func $done (result i32)))
    (func (export "run") (result i32) (call $done)))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
