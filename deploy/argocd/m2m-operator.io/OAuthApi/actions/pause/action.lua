-- Stops everything but deletion, until resumed.
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["m2m-operator.io/paused"] = "true"
return obj
