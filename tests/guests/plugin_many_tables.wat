;; Has more tables than a plugin may, all of them empty.
;; exit: 5
;; stderr: plugin `hostile` 1.0 was stopped: it wanted more than its 200 instances
(component
  (@include "types") (@include "kit")
  (core module $piece (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) (table 0 funcref) )
  (core instance (instantiate $piece)) (core instance (instantiate $piece)) (core instance (instantiate $piece)) (core instance (instantiate $piece)) (core instance (instantiate $piece)) (core instance (instantiate $piece)) (core instance (instantiate $piece)) (core instance (instantiate $piece)) (core instance (instantiate $piece)) (core instance (instantiate $piece)) (core instance (instantiate $piece)) (core instance (instantiate $piece)) (core instance (instantiate $piece)) (core instance (instantiate $piece)) (core instance (instantiate $piece)) (core instance (instantiate $piece)) (core instance (instantiate $piece)) (core instance (instantiate $piece)) (core instance (instantiate $piece)) (core instance (instantiate $piece))
  (core module $module
    (func (export "run") (result i32) unreachable))
  (core instance $guest (instantiate $module (with "kit" (instance $kit))))
  (@include "run"))
