  ;; The records of wit/types.wit. A component has to give its records names before its functions may use them.
  (type $span (tuple string string))
  (type $choice' (record (field "key" string) (field "label" string) (field "description" string) (field "args" (list string))))
  (export $choice "choice" (type $choice'))
  (type $plan' (record
    (field "digest" string) (field "subject" string) (field "scope" string) (field "yes" string) (field "others" (list $choice))))
  (export $plan "plan" (type $plan'))
  (type $outcome' (record (field "text" (list $span)) (field "json" string) (field "plan" (option $plan))))
  (export $outcome "outcome" (type $outcome'))
  (type $failure' (record
    (field "code" string) (field "message" string) (field "hint" (option string)) (field "choices" (list $choice))
    (field "details" string)))
  (export $failure "failure" (type $failure'))
