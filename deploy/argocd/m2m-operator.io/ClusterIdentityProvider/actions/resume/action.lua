-- Without the annotation the operator goes on.
if obj.metadata.annotations ~= nil then
  obj.metadata.annotations["m2m-operator.io/paused"] = nil
end
return obj
