;; Exports nothing.
;; exit: 1
;; stderr: plugin `hostile` 1.0 can't be started
;; stderr: conductor:plugin/plugin@0.1.0
(component
  (@include "types") (@include "kit")
)
