// The controllers of the control plane by name: what the wiring starts. Names are those of kube-controller-manager where it has them.

import type { Component } from '../../base/component.ts';
import type { ControllerManagerDeps } from './controller.ts';
import { endpointSliceController } from './endpoint-slice.ts';
import { endpointSliceMirroringController } from './endpoint-slice-mirroring.ts';
import { endpointsController } from './endpoints.ts';
import { namespaceController } from './namespace.ts';
import { rootCaController } from './root-ca.ts';
import { serviceAccountController } from './service-account.ts';

/** Makes a controller; nothing happens before its `start`. */
export type MakeController = (deps: ControllerManagerDeps) => Component;

/** All controllers, in the order they are started. */
export const CONTROLLERS: Readonly<Record<string, MakeController>> = {
  'namespace-controller': namespaceController,
  'serviceaccount-controller': serviceAccountController,
  'root-ca-certificate-publisher-controller': rootCaController,
  'endpointslice-controller': endpointSliceController,
  'endpoints-controller': endpointsController,
  'endpointslice-mirroring-controller': endpointSliceMirroringController,
};
