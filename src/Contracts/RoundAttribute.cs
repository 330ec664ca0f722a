using Orleans.CodeGeneration;

namespace Actors.Contracts;

/// <summary>Calls of this method are bound to no gateway by their grain: each takes the next one.</summary>
[AttributeUsage(AttributeTargets.Method)]
[InvokableCustomInitializer(nameof(IRequest.AddInvokeMethodOptions), InvokeMethodOptions.Unordered)]
internal sealed class RoundAttribute : Attribute;
