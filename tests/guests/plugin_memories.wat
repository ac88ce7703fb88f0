;; Spreads the same over many instances, each with a memory that alone is small enough.
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: it wanted more than its 256 MiB of memory
(component
  (@include "types") (@include "kit")
  (core module $piece (memory 320))
  (core instance (instantiate $piece))
  (core instance (instantiate $piece))
  (core instance (instantiate $piece))
  (core instance (instantiate $piece))
  (core instance (instantiate $piece))
  (core instance (instantiate $piece))
  (core instance (instantiate $piece))
  (core instance (instantiate $piece))
  (core instance (instantiate $piece))
  (core instance (instantiate $piece))
  (core instance (instantiate $piece))
  (core instance (instantiate $piece))
  (core instance (instantiate $piece))
  (core instance (instantiate $piece))
  (core module $module
    (func (export "run") (result i32) unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
