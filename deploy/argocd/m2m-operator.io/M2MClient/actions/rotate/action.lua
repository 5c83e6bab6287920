-- The operator makes a new credential, publishes it, and retires the one before as spec.rotation says.
local os = require("os")
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["m2m-operator.io/rotate-requested-at"] = os.date("!%Y-%m-%dT%H:%M:%SZ")
return obj
