  ;; The export of wit/plugin.wit: `run` of the core instance `$guest`.
  (func $run (result (result $outcome (error $failure))) (canon lift (core func $guest "run") (memory $memory)))
  (instance $plugin (export "run" (func $run)))
  (export "conductor:plugin/plugin@0.1.0" (instance $plugin))
