local annotations = obj.metadata.annotations
local paused = annotations ~= nil and annotations["m2m-operator.io/paused"] == "true"
local actions = {}
actions["reconcile"] = { ["disabled"] = paused }
actions["pause"] = { ["disabled"] = paused }
actions["resume"] = { ["disabled"] = not paused }
return actions
