// Destroys a GPU device under a running query, as a crashed driver would: the engine has no switch for that, so the devices
// that it requests are noted on their way.

type RequestDevice = (this: GPUAdapter, descriptor?: GPUDeviceDescriptor) => Promise<GPUDevice>;

export class DeviceBreaker {
  readonly #ids: readonly string[];
  readonly #devices: GPUDevice[] = [];
  readonly #original = Reflect.get(GPUAdapter.prototype, "requestDevice") as RequestDevice;

  /** `ids`: what the session names, in order; GPUs are opened in that order. */
  constructor(ids: readonly string[]) {
    this.#ids = ids.filter((id) => id.startsWith("gpu:"));
    const devices = this.#devices;
    const original = this.#original;
    GPUAdapter.prototype.requestDevice = async function (this: GPUAdapter, ...parameters) {
      const device = await original.apply(this, parameters);
      devices.push(device);
      return device;
    };
  }

  /** No more devices are noted. */
  release(): void {
    GPUAdapter.prototype.requestDevice = this.#original;
  }

  destroy(id: string): void {
    const device = this.#devices[this.#ids.indexOf(id)];
    device?.destroy();
  }
}
