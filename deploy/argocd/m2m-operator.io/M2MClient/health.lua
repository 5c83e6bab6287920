-- Conditions are shaped as kstatus has it: Ready is always there, Reconciling or Stalled only while true, never both.
-- A first error that passes by itself is Reconciling, and does not alarm.
local hs = { status = "Progressing", message = "Not reconciled yet." }

local annotations = obj.metadata.annotations
if annotations ~= nil and annotations["m2m-operator.io/paused"] == "true" then
  hs.status = "Suspended"
  hs.message = "Paused by annotation."
  return hs
end

if obj.status == nil or obj.status.conditions == nil then
  return hs
end
if obj.status.observedGeneration ~= obj.metadata.generation then
  hs.message = "The operator has not reconciled this version of the spec yet."
  return hs
end

local found = {}
for _, condition in ipairs(obj.status.conditions) do
  found[condition.type] = condition
end

local stalled = found["Stalled"]
if stalled ~= nil and stalled.status == "True" then
  hs.status = "Degraded"
  hs.message = stalled.reason .. ": " .. stalled.message
  return hs
end
local reconciling = found["Reconciling"]
if reconciling ~= nil and reconciling.status == "True" then
  hs.message = reconciling.reason .. ": " .. reconciling.message
  return hs
end
local ready = found["Ready"]
if ready ~= nil and ready.status == "True" then
  hs.status = "Healthy"
  hs.message = ready.message
  return hs
end
if ready ~= nil then
  hs.message = ready.reason .. ": " .. ready.message
end
return hs
